local function grade(n) if n < 50 then return "F" elseif n < 60 then return "D" elseif n < 70 then return "C" elseif n < 80 then return "B" else return "A" end end
local counts = { A = 0, B = 0, C = 0, D = 0, F = 0 }
local seed = 7
for i = 1, 200000 do seed = (seed * 1103515245 + 12345) % 2147483648 local g = grade(seed % 100) counts[g] = counts[g] + 1 end
print(counts.A * 3 + counts.B * 5 + counts.C * 7 + counts.D * 11 + counts.F)
