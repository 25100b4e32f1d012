/* Prints docs/std.md from the tables of the standard library: `make std-manual` writes it, a test compares it. */
#include <config.h>

#include <stdio.h>

#include "lang/std/std.h"

/* A cell of a Markdown table. */
static void cell(const char *text)
{
	for (; *text; text++) {
		if (*text == '|')
			putchar('\\');
		putchar(*text);
	}
}

static void params(const char *text)
{
	for (; *text; text++) {
		if (*text == ' ')
			putchar(',');
		putchar(*text);
	}
}

static void form(const struct rxl_native *row)
{
	putchar('`');
	if (strncmp(row->name, "get$", 4) == 0) {
		printf("%s .%s", row->params, row->name + 4);
	} else if (strncmp(row->name, "set$", 4) == 0) {
		size_t first = strcspn(row->params, " ");

		printf("%.*s .%s = %s", (int)first, row->params, row->name + 4, row->params + first + 1);
	} else {
		printf("%s(", row->name);
		params(row->params);
		putchar(')');
	}
	putchar('`');
}

static bool same(const struct rxl_native *a, const struct rxl_native *b)
{
	return strcmp(a->name, b->name) == 0 && strcmp(a->help, b->help) == 0 && a->flags == b->flags;
}

static void package(const struct rxl_package *package)
{
	printf("\n## %s\n\n| function | | |\n|---|---|---|\n", package->name);
	for (size_t i = 0; i < package->count; i++) {
		const struct rxl_native *row = &package->rows[i];

		printf("| ");
		form(row);
		for (; i + 1 < package->count && same(row, row + 1); row = &package->rows[++i]) {
			printf(" · ");
			form(row + 1);
		}
		printf(" | %s | ", row->flags & RXL_MUT ? "changes" : "");
		cell(row->help);
		printf(" |\n");
	}
}

int main(void)
{
	size_t count = 0;

	for (size_t i = 0; i < rxl_std_package_count; i++)
		count += rxl_std_packages[i]->count;
	printf("# The standard library\n\n"
	       "Every function that a script finds without importing anything: %zu overloads. This file is made from the\n"
	       "library's own tables (`make std-manual`).\n\n"
	       "`f(x, ...)` can be written `x.f(...)` as well. `?` is any type; `int` is `i64`, `float` is `f64`; `range` is\n"
	       "`a..b` and `range=` is `a..=b`; `T .p` is a property of values of type T. Functions marked \"changes\" change\n"
	       "their first argument where it is and cannot be called as methods of a constant; called as functions on a\n"
	       "constant or a shared variable they work on a copy. Positions count characters of strings and elements of\n"
	       "arrays from 0, and from the end when they are negative.\n\n"
	       "Part of the language, not functions: `type_of`, `Fn`, `call`, `curry`, `is_shared`, `is_def_var`, `is_def_fn`,\n"
	       "`eval`.\n",
	       count);
	for (size_t i = 0; i < rxl_std_package_count; i++)
		package(rxl_std_packages[i]);
	return ferror(stdout) ? 1 : 0;
}
