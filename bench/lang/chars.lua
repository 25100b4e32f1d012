local text = "The quick brown fox, 42 times: jumps over 17 lazy dogs! "
local digits, spaces, upper = 0, 0, 0
for round = 1, 2500 do
  for c in text:gmatch(".") do
    if c >= '0' and c <= '9' then digits = digits + 1
    elseif c == ' ' then spaces = spaces + 1
    elseif c >= 'A' and c <= 'Z' then upper = upper + 1 end
  end
end
print(digits * 1000000 + spaces * 10 + upper)
