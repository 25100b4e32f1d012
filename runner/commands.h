/* Commands of rexi that read their own words: argv[0] is the first word after the command's name; the exit status. */
#ifndef RXR_COMMANDS_H
#define RXR_COMMANDS_H

/* validate, format, convert and test policies */
int rexi_policy_main(int argc, char **argv);
/* single requests with plain Cedar */
int rexi_cedar_main(int argc, char **argv);
/* the functions that scripts can call */
int rexi_api_main(int argc, char **argv);

#endif
