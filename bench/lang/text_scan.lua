local parts = {}
for i = 0, 1999 do parts[#parts + 1] = "let value_" .. i .. " = (a + 12) * foo[3]; // note\n" end
local text = table.concat(parts)
local words, digits, other, inside = 0, 0, 0, false
for ch in text:gmatch(".[\128-\191]*") do
  if (ch >= "a" and ch <= "z") or ch == "_" then
    if not inside then words = words + 1 inside = true end
  else
    inside = false
    if ch >= "0" and ch <= "9" then digits = digits + 1 else other = other + 1 end
  end
end
print(words * 1000000 + digits * 1000 + other)
