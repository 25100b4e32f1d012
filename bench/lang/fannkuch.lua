local n = 7
local p, q, count = {}, {}, {}
for i = 0, n - 1 do p[i] = i q[i] = 0 count[i] = 0 end
local most, check, r, round, done = 0, 0, n, 0, false
while not done do
  while r ~= 1 do count[r - 1] = r r = r - 1 end
  for i = 0, n - 1 do q[i] = p[i] end
  local flips, k = 0, q[0]
  while k ~= 0 do
    local i, j = 0, k
    while i < j do local t = q[i] q[i] = q[j] q[j] = t i = i + 1 j = j - 1 end
    flips = flips + 1
    k = q[0]
  end
  if flips > most then most = flips end
  if round % 2 == 0 then check = check + flips else check = check - flips end
  while true do
    if r == n then done = true break end
    local first, i = p[0], 0
    while i < r do p[i] = p[i + 1] i = i + 1 end
    p[r] = first
    count[r] = count[r] - 1
    if count[r] > 0 then break end
    r = r + 1
  end
  round = round + 1
end
print(check * 100 + most)
