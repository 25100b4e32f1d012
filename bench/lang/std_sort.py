import functools
seed = 42
numbers, words = [], []
for i in range(200000):
    seed = (seed * 1103515245 + 12345) % 2147483648
    numbers.append(seed)
    if i % 4 == 0:
        words.append("w" + str(seed))
reals = [n * 0.5 for n in numbers]
numbers.sort()
reals.sort()
words.sort()
by = numbers[:40000]
by.sort(key=functools.cmp_to_key(lambda a, b: b - a))
total = 0
for i in range(50000):
    total += numbers[i * 4] % 1000 + len(words[i])
print(total + by[0] % 1000)
