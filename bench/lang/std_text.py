text = "".join(f"the quick brown fox {i} jumps over the lazy dog\n" for i in range(20000))
total = 0
for i in range(20):
    copy = text.replace("lazy", "energetic").replace("fox", "ox")
    total += len(copy) + copy.find("fox 1")
    if "19999 jumps" in copy:
        total += 1
    total += copy.upper().find("OX 19998")
for i in range(400000):
    if text[i * 2] == "o":
        total += 1
print(total)
