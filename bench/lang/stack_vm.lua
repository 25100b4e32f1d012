local code = {"push", 0, "load", 0, "push", 1, "add", 0, "store", 0, "load", 0, "push", 20000, "lt", 0, "jt", 2, "halt", 0}
local total = 0
for k = 1, 2 do
  local stack, n, vars, pc = {}, 0, {0, 0}, 0
  while true do
    local op, arg = code[pc + 1], code[pc + 2]
    pc = pc + 2
    if op == "push" then stack[#stack + 1] = arg
    elseif op == "load" then stack[#stack + 1] = vars[arg + 1]
    elseif op == "store" then vars[arg + 1] = table.remove(stack)
    elseif op == "add" then local b = table.remove(stack) local a = table.remove(stack) stack[#stack + 1] = a + b
    elseif op == "lt" then local b = table.remove(stack) local a = table.remove(stack) stack[#stack + 1] = a < b
    elseif op == "jt" then if table.remove(stack) then pc = arg end
    elseif op == "halt" then break
    end
  end
  total = total + vars[1]
end
print(total)
