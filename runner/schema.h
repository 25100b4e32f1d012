/* The schema that policies of runs are validated against: the reference's, with what requests really carry. */
#ifndef RXR_SCHEMA_H
#define RXR_SCHEMA_H

#include <rexi/base.h>

/* Cedar schema syntax; static. */
struct rexi_str rxr_schema_text(void);

#endif
