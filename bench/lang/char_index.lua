local text = "(a[b]{c}(d)[e]){f}((g))[[h]]"
local n = #text
local depth, most = 0, 0
for round = 1, 6000 do
  local i = 1
  while i <= n do
    local c = text:sub(i, i)
    if c == '(' or c == '[' or c == '{' then
      depth = depth + 1
      if depth > most then most = depth end
    elseif c == ')' or c == ']' or c == '}' then depth = depth - 1 end
    i = i + 1
  end
end
print(most * 10 + depth)
