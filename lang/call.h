/* Calls by the language's rules, for the machine's loop. */
#ifndef RXL_CALL_H
#define RXL_CALL_H

#include "lang/engine.h"

/* `item in container`: the function contains. */
enum rexi_status rxl_contains(struct rxl_vm *vm, struct rxl_site *site, struct rxl_value *container, struct rxl_value *item,
			      struct rxl_value *out);
/* A function call for which neither script nor natives have a function. */
enum rexi_status rxl_call_unknown(struct rxl_vm *vm, rxl_symbol name, struct rxl_value *self, struct rxl_value *args,
				  unsigned argc, struct rxl_value *out);
/* x.type_of(), x.curry(...), x.is_shared(), x.call(...) when nothing to call is there. */
enum rexi_status rxl_special_method(struct rxl_vm *vm, enum rxl_special special, rxl_symbol name, struct rxl_value *self,
				    const struct rxl_cell *cell, struct rxl_value *args, unsigned argc, struct rxl_value *out);
/* Script method for a receiver: typed before untyped, the unit's before those of imports. */
struct rxl_function *rxl_method_find(struct rxl_vm *vm, const struct rxl_unit *unit, const struct rxl_site *site,
				     const struct rxl_value *self, unsigned argc);
enum rexi_status rxl_call_scope(struct rxl_vm *vm, struct rxl_site *site, const struct rxl_scope_map *scope,
				struct rxl_value *args, unsigned argc, struct rxl_value *out);
enum rexi_status rxl_unary_slow(struct rxl_vm *vm, enum rxl_unary op, struct rxl_value *x, struct rxl_value *out);
/* *text += display of value. */
enum rexi_status rxl_text_add(struct rxl_vm *vm, struct rxl_value *text, const struct rxl_value *value);
enum rexi_status rxl_eval(struct rxl_vm *vm, const struct rxl_scope_map *scope, struct rxl_value *text, struct rxl_value *out);

/* Host indexers: value NULL reads. *found says whether there was one. */
enum rexi_status rxl_host_index(struct rxl_vm *vm, struct rxl_value *base, const struct rxl_value *index, struct rxl_value *value,
				struct rxl_value *out, bool *found);

/* a op b by a native of that name; *found says whether there is one. */
enum rexi_status rxl_native_operator(struct rxl_vm *vm, const char *name, const struct rxl_value *a, const struct rxl_value *b,
				     struct rxl_value *out, bool *found);

/* lang/raise.c */
/* A new error in flight, to be filled; NULL when memory refuses. */
struct rxl_error *rxl_error_begin(struct rxl_vm *vm, enum rxl_error_kind kind);
/* Position of the call in progress, packed; 0 none. */
uint32_t rxl_position_now(const struct rxl_vm *vm);

/* lang/module.c */
/* *callee: a script function to enter with r[a..); else the call was made and *out is its result. */
enum rexi_status rxl_call_path(struct rxl_vm *vm, struct rxl_site *site, struct rxl_value *registers, struct rxl_value *first,
			       struct rxl_value *args, unsigned argc, struct rxl_function **callee, struct rxl_value *out);
enum rexi_status rxl_get_path(struct rxl_vm *vm, struct rxl_site *site, struct rxl_value *registers, struct rxl_value *out);
enum rexi_status rxl_import(struct rxl_vm *vm, struct rxl_unit *unit, const struct rxl_value *path, rxl_symbol alias, bool global,
			    struct rxl_value *out);
enum rexi_status rxl_export(struct rxl_vm *vm, struct rxl_unit *unit, rxl_symbol name, const struct rxl_value *value);
enum rexi_status rxl_global_const(struct rxl_vm *vm, struct rxl_unit *unit, rxl_symbol name, const struct rxl_value *value);
struct rxl_function *rxl_module_method(const struct rxl_unit *unit, rxl_symbol type, rxl_symbol name, unsigned argc);

#endif
