local unit = {}
local function make(depth)
  if depth == 0 then return {array = true, 1, "two", 3.5, true, unit} end
  return {a = make(depth - 1), b = {array = true, make(depth - 1), depth}, name = "node" .. depth, n = depth}
end
local function walk(node)
  local t = type(node)
  if t == "table" then
    if node == unit then return 1 end
    local s = 0
    if node.array then
      for i = 1, #node do s = s + walk(node[i]) end
    else
      for _, v in pairs(node) do s = s + walk(v) end
    end
    return s
  elseif t == "number" then
    if math.type(node) == "integer" then return node end
    return 1
  elseif t == "string" then return #node
  end
  return 1
end
local tree = make(9)
local s = 0
for i = 1, 12 do s = s + walk(tree) end
print(s)
