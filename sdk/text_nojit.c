/*
 * PCRE2 without its just-in-time compiler, for the one-file build: a quarter of a megabyte less, and no memory that is
 * writable and executable. These are the functions by which the rest of the library reaches the compiler, as they are
 * when it has made no code; where the linker finds them here, it leaves the compiler out. configure tries whether the
 * library at hand asks for no others.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

void rxs_text_nojit(void); /* as in sdk/text_pattern.h */
void _pcre2_jit_free_8(void *executable, void *memory);
size_t _pcre2_jit_get_size_8(void *executable);
const char *_pcre2_jit_get_target_8(void);
int _pcre2_jit_check_exec_8(void *executable, unsigned options);

/* Called for the linker's sake: it takes a file from an archive when something in it is asked for. */
void rxs_text_nojit(void)
{
}

int pcre2_jit_match(const pcre2_code *code, PCRE2_SPTR subject, PCRE2_SIZE length, PCRE2_SIZE start, uint32_t options,
		    pcre2_match_data *data, pcre2_match_context *context)
{
	(void)code, (void)subject, (void)length, (void)start, (void)options, (void)data, (void)context;
	return PCRE2_ERROR_JIT_BADOPTION; /* there is no code to run */
}

void _pcre2_jit_free_8(void *executable, void *memory)
{
	(void)executable, (void)memory;
}

size_t _pcre2_jit_get_size_8(void *executable)
{
	(void)executable;
	return 0;
}

const char *_pcre2_jit_get_target_8(void)
{
	return "none";
}

/* Whether there is code for a match with these options. */
int _pcre2_jit_check_exec_8(void *executable, unsigned options)
{
	(void)executable, (void)options;
	return 0;
}
