local w = {a = {b = {c = {{d = 0}, {d = 1}, {d = 2}, {d = 3}}}}}
for i = 0, 199999 do
  local k = i % 4 + 1
  w.a.b.c[k].d = w.a.b.c[k].d + 1
  if w.a.b.c[1].d > 1000 then w.a.b.c[1].d = 0 end
end
print(w.a.b.c[1].d + w.a.b.c[4].d)
