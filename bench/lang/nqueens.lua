local function safe(q, row, col)
  local r = 0
  while r < row do
    local c = q[r + 1]
    if c == col or c - col == row - r or col - c == row - r then return false end
    r = r + 1
  end
  return true
end
local function solve(n)
  local q = {}
  for i = 1, n do q[i] = -1 end
  local row, found = 0, 0
  while row >= 0 do
    q[row + 1] = q[row + 1] + 1
    while q[row + 1] < n and not safe(q, row, q[row + 1]) do q[row + 1] = q[row + 1] + 1 end
    if q[row + 1] >= n then
      q[row + 1] = -1
      row = row - 1
    elseif row == n - 1 then
      found = found + 1
    else
      row = row + 1
    end
  end
  return found
end
print(solve(8))
