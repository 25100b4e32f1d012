-- A JSON reader and writer as one would write them in Lua.
local null = {}
local escapes = { ['"'] = '"', ["\\"] = "\\", ["/"] = "/", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }
local value
local function blank(s, at) return s:find("[^ \n\r\t]", at) or #s + 1 end
local function text(s, at)
  local parts, from = {}, at + 1
  while true do
    local stop = s:find('["\\]', from)
    parts[#parts + 1] = s:sub(from, stop - 1)
    if s:sub(stop, stop) == '"' then return table.concat(parts), stop + 1 end
    local c = s:sub(stop + 1, stop + 1)
    parts[#parts + 1] = c == "u" and utf8.char(tonumber(s:sub(stop + 2, stop + 5), 16)) or escapes[c]
    from = stop + (c == "u" and 6 or 2)
  end
end
function value(s, at)
  at = blank(s, at)
  local c = s:sub(at, at)
  if c == '"' then return text(s, at) end
  if c == "{" or c == "[" then
    local out, n = {}, 0
    at = blank(s, at + 1)
    while not s:find("^[%]}]", at) do
      local key
      n = n + 1
      if c == "{" then
        key, at = text(s, at)
        at = blank(s, at) + 1
      else
        key = n
      end
      out[key], at = value(s, at)
      at = blank(s, at)
      if s:sub(at, at) == "," then at = blank(s, at + 1) end
    end
    return out, at + 1
  end
  local word = s:match("^[%a]+", at)
  if word == "true" then return true, at + 4 end
  if word == "false" then return false, at + 5 end
  if word == "null" then return null, at + 4 end
  local number = s:match("^-?[%d.eE+-]+", at)
  return tonumber(number), at + #number
end
local names = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n" }
local function write(v, out)
  if v == null then out[#out + 1] = "null"
  elseif type(v) == "string" then out[#out + 1] = '"' .. v:gsub('[%c"\\]', names) .. '"'
  elseif type(v) ~= "table" then out[#out + 1] = math.type(v) == "float" and string.format("%.17g", v):gsub("^(%-?%d+)$", "%1.0") or tostring(v)
  elseif #v > 0 then
    for i, item in ipairs(v) do out[#out + 1] = i == 1 and "[" or ","; write(item, out) end
    out[#out + 1] = "]"
  else
    local keys = {}
    for k in pairs(v) do keys[#keys + 1] = k end
    table.sort(keys)
    for i, k in ipairs(keys) do
      out[#out + 1] = (i == 1 and "{" or ",") .. '"' .. k:gsub('[%c"\\]', names) .. '":'
      write(v[k], out)
    end
    out[#out + 1] = "}"
  end
end
local function dumps(v) local out = {}; write(v, out); return table.concat(out) end
local rows = {}
for i = 0, 1999 do
  rows[#rows + 1] = { id = i, name = 'user "' .. i .. '"', score = i * 0.25, tags = { "a", "b\n", true, null }, on = i % 2 == 0 }
end
local source = dumps({ rows = rows })
local sum = 0
for i = 0, 9 do
  local back = value(source, 1)
  sum = sum + #back.rows + #back.rows[i + 1].tags
  sum = sum + #dumps(back)
end
print(sum)
