local Stack = {} Stack.__index = Stack
function Stack:push_item(x) self.items[#self.items + 1] = x self.count = self.count + 1 end
function Stack:pop_item() self.count = self.count - 1 return table.remove(self.items) end
function Stack:is_empty() return self.count == 0 end
local stack, s = setmetatable({ items = {}, count = 0 }, Stack), 0
for i = 0, 99999 do
  stack:push_item(i) stack:push_item(i + 1)
  if i % 2 == 0 then s = s + stack:pop_item() end
  if i % 1000 == 999 then while not stack:is_empty() do s = s + stack:pop_item() % 3 end end
end
print(s)
