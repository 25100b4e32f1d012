/* Which policies can match a request: built once, by action, uid, type and ancestry. */
#ifndef RXC_INDEX_H
#define RXC_INDEX_H

#include "cedar/set.h"

/* Gives back the index of a set (if any) and marks it as not built. */
void rxc_index_free(struct rexi_cedar_policies *set);

#endif
