local code = { { op = "push", n = 3 }, { op = "push", n = 4 }, { op = "add" }, { op = "dup" }, { op = "mul" }, { op = "mod", n = 97 }, { op = "pop" } }
local acc = 0
for _ = 1, 100000 do
  local stack = {}
  for _, ins in ipairs(code) do
    local op = ins.op
    if op == "push" then stack[#stack + 1] = ins.n
    elseif op == "add" then local b = table.remove(stack); local a = table.remove(stack); stack[#stack + 1] = a + b
    elseif op == "mul" then local b = table.remove(stack); local a = table.remove(stack); stack[#stack + 1] = a * b
    elseif op == "dup" then local a = table.remove(stack); stack[#stack + 1] = a; stack[#stack + 1] = a
    elseif op == "mod" then local a = table.remove(stack); stack[#stack + 1] = a % ins.n
    else acc = acc + table.remove(stack) end
  end
end
print(acc)
