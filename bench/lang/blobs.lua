local b = {}
for i = 0, 4095 do b[i] = 0 end
local s = 0
for k = 0, 59 do
  for i = 0, 4095 do b[i] = (i * 31 + k) & 255 end
  local i = 0
  while i < 4096 do s = s + b[i] i = i + 1 end
end
print(s)
