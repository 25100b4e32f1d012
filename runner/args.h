/*
 * Script arguments (spec/runner.md 4): the reference's file of typed values, and values typed by JSON itself. Both are
 * read into one tree in an arena; the run turns it into variables.
 */
#ifndef RXR_ARGS_H
#define RXR_ARGS_H

#include "base/arena.h"

enum rxr_arg_kind { RXR_ARG_UNIT, RXR_ARG_BOOL, RXR_ARG_INT, RXR_ARG_FLOAT, RXR_ARG_STRING, RXR_ARG_LIST, RXR_ARG_MAP };

/* In a list `name` is empty. Members stand in the order of the text; of two with one name the later one counts. */
struct rxr_arg {
	struct rexi_str name;
	enum rxr_arg_kind kind;
	union {
		bool truth;
		int64_t number;
		double real;
		struct rexi_str text;
		struct {
			struct rxr_arg *first;
			size_t count;
		} members;
	} as;
	struct rxr_arg *next;
};

struct rxr_args {
	struct rx_arena *arena; /* borrowed; holds everything */
	struct rxr_arg *first;
	size_t count;
	bool plain; /* no typed values in what rxr_args_read reads by JSON's own types */
};

void rxr_args_init(struct rxr_args *args, struct rx_arena *arena);

/*
 * Adds the arguments of a JSON text, which must be UTF-8 and outlive the tree. typed: each value is an object with one
 * of the seven type keys, nothing else is accepted; else JSON's own types are taken, and an object with one type key is
 * a typed value. An argument that is there already is replaced.
 * false: a complaint in the words of the reference's parser ("expected value at line 1 column 6"), or REXI_NO_MEMORY's.
 */
RX_NODISCARD bool rxr_args_read(struct rxr_args *args, struct rexi_str json, bool typed, char complaint[256]);

/* NAME=VALUE: VALUE is JSON when it reads as JSON, else a string. The name must be an identifier. */
RX_NODISCARD bool rxr_args_word(struct rxr_args *args, struct rexi_str word, char complaint[256]);

/* Takes an argument (in the arena or longer lived) in place of one of the same name. */
void rxr_args_set(struct rxr_args *args, struct rxr_arg *made);

/* The reference's rule: members of an argument's list or map must not be non-empty lists or maps. The offending
 * argument in the order of the text, NULL when there is none. */
const struct rxr_arg *rxr_args_too_deep(const struct rxr_args *args);

/* An identifier of the language that is no keyword the grammar reserves: letters, digits, _. */
bool rxr_args_is_name(struct rexi_str name);

#endif
