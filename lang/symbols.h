/* Interned names: equal texts have equal numbers, so that parser, compiler and run time compare names as integers. */
#ifndef RXL_SYMBOLS_H
#define RXL_SYMBOLS_H

#include "base/arena.h"
#include "base/str.h"

/* 0 is no symbol; texts are any UTF-8 (also empty: map keys are symbols). */
typedef uint32_t rxl_symbol;
#define RXL_NO_SYMBOL 0U

struct rxl_overload;

struct rxl_symbol_entry {
	struct rexi_str text; /* in the table's arena, NUL-terminated */
	uint32_t hash;
	uint32_t word; /* the reserved word that this text is, 0 for none */
	/* The parser's, all 0 between parses: innermost variable, capture and import of that name (index + 1). */
	uint32_t variable, capture, import;
	uint32_t fn; /* parse in which a function of that name was defined */
	struct rxl_overload *natives; /* the engine's; NULL until it was looked for */
};

struct rxl_symbols {
	struct rx_memory *memory;
	struct rx_arena arena;
	struct rxl_symbol_entry *entries; /* [0] is unused */
	size_t entry_cap;
	uint32_t count; /* entries in use, [0] included */
	uint32_t *slots;
	size_t slot_cap; /* 0 or a power of two */
	uint64_t seed;
	uint32_t parse; /* number of parses so far */
};

/* memory is borrowed and must outlive the table; seed as for rx_table_init. Takes nothing until the first name. */
void rxl_symbols_init(struct rxl_symbols *symbols, struct rx_memory *memory, uint64_t seed);
void rxl_symbols_fini(struct rxl_symbols *symbols);

/* The symbol of `text`, which is copied when it is new. RXL_NO_SYMBOL when memory refuses. */
RX_NODISCARD rxl_symbol rxl_symbol_intern(struct rxl_symbols *symbols, struct rexi_str text);
/* The same with the hash of `text` (rxl_symbol_hash) already known. */
RX_NODISCARD rxl_symbol rxl_symbol_intern_hashed(struct rxl_symbols *symbols, struct rexi_str text, uint32_t hash);
uint32_t rxl_symbol_hash(const struct rxl_symbols *symbols, struct rexi_str text);
/* RXL_NO_SYMBOL when the text was never interned. */
rxl_symbol rxl_symbol_find(const struct rxl_symbols *symbols, struct rexi_str text);

/* Text of a symbol; valid until the table ends. symbol is not RXL_NO_SYMBOL. */
RX_INLINE struct rexi_str rxl_symbol_text(const struct rxl_symbols *symbols, rxl_symbol symbol)
{
	return symbols->entries[symbol].text;
}

#endif
