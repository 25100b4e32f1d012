local function ack(m, n)
  if m == 0 then return n + 1 end
  if n == 0 then return (ack(m - 1, 1)) end
  local x = ack(m - 1, (ack(m, n - 1)))
  return x
end
local s = 0
for i = 0, 1999 do s = s + ack(2, 9) end
print(s)
