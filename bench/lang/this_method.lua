local C = {}
C.__index = C
function C:add(n) self.count = self.count + n self.total = self.total + self.count end
function C:get() return self.total end
local c = setmetatable({count = 0, total = 0}, C)
for i = 0, 199999 do
  c:add(i % 3)
  if i % 50000 == 0 then c.total = 0 end
end
print(c:get())
