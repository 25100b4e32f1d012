/* One run, from its options to its exit status (spec/runner.md 5). */
#ifndef RXR_RUN_H
#define RXR_RUN_H

#include "runner/options.h"

/* `rexi [run] ...`; prints the result. */
int rxr_run_main(const struct rxr_options *options);
/* `rexi check ...` */
int rxr_check_main(const struct rxr_options *options);
/* `rexi debug bytecode ...` */
int rxr_bytecode_main(const struct rxr_options *options);
/* `rexi --print-functions` */
int rxr_functions_main(void);

#endif
