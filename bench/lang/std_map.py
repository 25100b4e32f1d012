m = {}
for i in range(100000):
    m[f"key{i * 7919 % 100000}"] = i
total = 0
for i in range(300000):
    total += m[f"key{i % 100000}"]
for k in sorted(m):
    if k in m:
        total += len(k)
total += len({k: v for k, v in m.items() if v % 2 == 0})
print(total + sum(m.values()))
