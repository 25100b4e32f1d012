local items = {}
for i = 0, 1999 do items[#items + 1] = {id = i, price = i % 97, qty = i % 7, name = "item" .. i} end
local total = 0
for k = 1, 30 do
  for _, it in ipairs(items) do total = total + it.price * it.qty end
  for j = 1, #items do items[j].price = items[j].price + 1 end
end
print(total)
