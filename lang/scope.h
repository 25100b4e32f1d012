/* The host's variables, kept from one run to the next. */
#ifndef RXL_SCOPE_H
#define RXL_SCOPE_H

#include "lang/compile.h"

struct rxl_scope;

/* Belongs to the engine that made it. NULL: out of memory. */
struct rxl_scope *rxl_scope_new(struct rxl_engine *engine);
void rxl_scope_free(struct rxl_scope *scope);
/* Declares a variable (it hides an older one of that name); owns value. */
enum rexi_status rxl_scope_push(struct rxl_scope *scope, struct rexi_str name, struct rxl_value value, bool is_const);
/* The newest variable of that name, borrowed; NULL: none. */
const struct rxl_value *rxl_scope_find(const struct rxl_scope *scope, struct rexi_str name);
/* Assigns the newest variable of that name, or declares one; owns value. */
enum rexi_status rxl_scope_set(struct rxl_scope *scope, struct rexi_str name, struct rxl_value value);
size_t rxl_scope_count(const struct rxl_scope *scope);
const struct rxl_scope_var *rxl_scope_vars(const struct rxl_scope *scope);
/* For the engine: the values, moved out by a run and given back by rxl_scope_take. */
struct rxl_value *rxl_scope_values(struct rxl_scope *scope);
enum rexi_status rxl_scope_take(struct rxl_scope *scope, const struct rxl_unit *unit, struct rxl_value *globals);

#endif
