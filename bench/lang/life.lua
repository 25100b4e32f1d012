local n = 48
local grid = {}
for y = 0, n - 1 do
  local row = {}
  for x = 0, n - 1 do row[x] = (x * y + x) % 3 == 0 and 1 or 0 end
  grid[y] = row
end
for gen = 1, 16 do
  local next = {}
  for y = 0, n - 1 do
    local row = {}
    local up, down = (y + n - 1) % n, (y + 1) % n
    for x = 0, n - 1 do
      local l, r = (x + n - 1) % n, (x + 1) % n
      local c = grid[up][l] + grid[up][x] + grid[up][r] + grid[y][l] + grid[y][r] + grid[down][l] + grid[down][x] + grid[down][r]
      row[x] = (c == 3 or (c == 2 and grid[y][x] == 1)) and 1 or 0
    end
    next[y] = row
  end
  grid = next
end
local sum = 0
for y = 0, n - 1 do for x = 0, n - 1 do sum = sum + grid[y][x] end end
print(sum)
