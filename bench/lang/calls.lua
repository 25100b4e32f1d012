local function tak(x, y, z)
  if y >= x then return z end
  return tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y))
end
local function gcd(a, b) if b == 0 then return a else return gcd(b, a % b) end end
local sum = 0
for i = 1, 200000 do sum = sum + gcd(i * 7, 3600) end
print(sum + tak(18, 12, 6))
