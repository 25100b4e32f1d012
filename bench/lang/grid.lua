local n = 200
local g = {}
for y = 0, n - 1 do local row = {} for x = 0, n - 1 do row[x] = 0 end g[y] = row end
for k = 1, 150 do
  for y = 1, n - 1 do
    for x = 1, n - 1 do
      g[y][x] = (g[y - 1][x] + g[y][x - 1] + x * y) % 1000
    end
  end
end
print(g[n - 1][n - 1])
