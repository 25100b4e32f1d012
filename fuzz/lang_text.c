/*
 * The library's readers of text: parse_json and to_json, parse_int, parse_float, and what splits, searches and replaces.
 * Invariants: what to_json writes of what parse_json read reads back as equal; split and join by one separator, replace
 * and its absence, reverse twice give the text again; nothing leaks and nothing but a run-time error ends a call.
 */
#include <config.h>

#include "base/utf8.h"
#include "lang/engine.h"
#include "lang/scope.h"
#include "lang/std/std.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char script[] =
	"let original = s;"
	"try { parse_int(s) } catch {}"
	"try { parse_int(s, 36) } catch {}"
	"try { parse_float(s) } catch {}"
	"if t != \"\" {"
	"  let parts = s.split(t); let text = \"\";"
	"  for (p, i) in parts { if i > 0 { text += t; } text += p; }"
	"  if text != s { throw \"split\"; }"
	"  let turned = s.split_rev(t, 1000000); turned.reverse();"
	"  let text = \"\";"
	"  for (p, i) in turned { if i > 0 { text += t; } text += p; }"
	"  if text != s { throw \"split_rev\"; }"
	"  let at = s.index_of(t);"
	"  if (at >= 0) != s.contains(t) { throw \"index_of\"; }"
	"  if at >= 0 && s.sub_string(at, t.len()) != t { throw \"sub_string\"; }"
	"  let gone = s - t;"
	"  s.replace(t, \"x\");"
	"}"
	"let chars = s.to_chars(); chars.reverse(); chars.reverse();"
	"let text = \"\"; for c in chars { text += c; }"
	"if text.to_blob().as_string() != text { throw \"blob\"; }"
	"s.to_upper().to_lower(); s.trim(); s.to_debug(); s.crop(1, 2); s.truncate(3); s.pad(20, t);"
	/* last: what is no JSON cannot be caught */
	"let s = original;"
	"try {"
	"  let m = parse_json(s);"
	"  let again = parse_json(m.to_json());"
	"  if m.to_json() != again.to_json() { throw `json: ${m.to_json()}`; }"
	"} catch (e) { if type_of(e) != \"map\" { throw e; } }";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rxl_engine *engine = rxl_engine_new(NULL, 64 << 20);
	struct rxl_scope *scope;
	struct rxl_compile_options options = { .source_name = RX_STR_INIT("") };
	struct rxl_value message, result, parts[2];
	struct rxl_unit *unit;
	size_t cut = size ? data[0] % size : 0;
	uint32_t pos;

	RX_ASSERT(engine && rxl_std_register(engine, NULL) == REXI_OK);
	engine->limits.operations = 200000;
	scope = rxl_scope_new(engine);
	for (int i = 0; i < 2; i++) {
		struct rexi_str bytes = { (const char *)data + (i ? size - cut : 0), i ? cut : size - cut };
		struct rx_buf text;

		if (i && bytes.len > 3)
			bytes.len = 1 + bytes.len % 3;
		rx_buf_init(&text, &engine->heap.memory, 0);
		rx_utf8_lossy(&text, bytes);
		RX_ASSERT(rxl_string_from_buf(&engine->heap, &text, &parts[i]) == REXI_OK);
		RX_ASSERT(rxl_scope_push(scope, i ? RX_STR("t") : RX_STR("s"), parts[i], false) == REXI_OK);
	}
	options.vars = rxl_scope_vars(scope);
	options.var_count = (uint32_t)rxl_scope_count(scope);
	RX_ASSERT(rxl_compile(engine, rx_str(script), &options, &unit, &message, &pos) == REXI_OK);
	if (rxl_engine_run(engine, unit, scope, &result) == REXI_RUNTIME)
		RX_ASSERT(!engine->vm.error || engine->vm.error->kind != RXL_ERROR_RUNTIME);
	rxl_value_drop(&engine->heap, &result);
	rxl_unit_unref(unit);
	rxl_scope_free(scope);
	rxl_engine_free(engine);
	return 0;
}
