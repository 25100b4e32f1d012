local shape = {w = 3, h = 4,
  area = function(self) return self.w * self.h end,
  grow = function(self, n) self.w = self.w + n self.h = self.h + n end}
local s = 0
for i = 1, 120000 do
  s = s + shape:area() % 10
  shape:grow(1)
  if shape.w > 50 then shape.w = 3 shape.h = 4 end
end
print(s)
