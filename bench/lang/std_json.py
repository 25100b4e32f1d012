import json
rows = [{"id": i, "name": f'user "{i}"', "score": i * 0.25, "tags": ["a", "b\n", True, None], "on": i % 2 == 0} for i in range(2000)]
def dumps(value):
    return json.dumps(value, separators=(",", ":"), sort_keys=True)
text = dumps({"rows": rows})
total = 0
for i in range(10):
    back = json.loads(text)
    total += len(back["rows"]) + len(back["rows"][i]["tags"])
    total += len(dumps(back))
print(total)
