line = "".join(f"field{i}," for i in range(1000))
total = 0
for i in range(200):
    parts = line.split(",")
    total += len(parts)
    joined = "".join(part + ";" for part in parts)
    total += len(joined) + len(joined.split(";", 2)[1])
print(total)
