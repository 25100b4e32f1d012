local db = { users = {} }
for i = 0, 199 do
  db.users[#db.users + 1] = { id = i, tags = { "a", "b" }, stats = { logins = 0, last = { 0, 0, 0 } } }
end
for round = 0, 1999 do
  for i = 0, 199 do
    db.users[i + 1].stats.logins = db.users[i + 1].stats.logins + i % 3
    db.users[i + 1].stats.last[round % 3 + 1] = round
  end
end
local sum = 0
for _, u in ipairs(db.users) do sum = sum + u.stats.logins + u.stats.last[2] + #u.tags end
print(sum)
