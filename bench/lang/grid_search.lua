local n, grid = 120, {}
for y = 0, n - 1 do local row = {} for x = 0, n - 1 do row[x] = (x * 7 + y * 13) % 5 == 0 and 1 or 0 end grid[y] = row end
local total = 0
for _ = 1, 3 do
  local dist = {} for y = 0, n - 1 do local row = {} for x = 0, n - 1 do row[x] = -1 end dist[y] = row end
  local queue, head = { { 1, 1 } }, 1 dist[1][1] = 0
  while head <= #queue do
    local p = queue[head] head = head + 1
    local x, y = p[1], p[2] local d = dist[y][x] + 1
    for _, m in ipairs({ { 1, 0 }, { -1, 0 }, { 0, 1 }, { 0, -1 } }) do
      local a, b = x + m[1], y + m[2]
      if not (a < 0 or b < 0 or a >= n or b >= n) then
        if not (grid[b][a] == 1 or dist[b][a] >= 0) then dist[b][a] = d queue[#queue + 1] = { a, b } end
      end
    end
  end
  total = total + #queue + dist[n - 2][n - 2]
end
print(total)
