local x, s = 88172645463325252, 0
for i = 1, 500000 do
  x = x ~ (x << 13 & 0x7fffffffffffffff)
  x = x ~ (x >> 7)
  x = x ~ (x << 17 & 0x7fffffffffffffff)
  s = s + (x & 255)
end
print(s)
