local inside = 0
for y = 0, 99 do
  local ci = 2.0 * y / 100.0 - 1.0
  for x = 0, 99 do
    local cr = 2.0 * x / 100.0 - 1.5
    local zr, zi, n = 0.0, 0.0, 0
    while n < 50 and zr * zr + zi * zi < 4.0 do
      local t = zr * zr - zi * zi + cr
      zi = 2.0 * zr * zi + ci
      zr = t
      n = n + 1
    end
    if n == 50 then inside = inside + 1 end
  end
end
print(inside)
