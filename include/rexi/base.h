/* What every rexi library shares: status codes, strings as views, source positions, errors, allocators. */
#ifndef REXI_BASE_H
#define REXI_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define REXI_API __attribute__((visibility("default")))
#define REXI_NODISCARD __attribute__((warn_unused_result))
#else
#define REXI_API
#define REXI_NODISCARD
#endif

/* One list makes the enum, the names and the manual's table. X(NAME, "meaning") */
#define REXI_STATUS_LIST(X)                                                       \
	X(OK, "success")                                                          \
	X(NO_MEMORY, "out of memory, or the memory limit was reached")            \
	X(LIMIT, "a limit was reached")                                           \
	X(SYNTAX, "the program, policy or document is not well formed")           \
	X(TYPE, "a value has the wrong type")                                     \
	X(ARITHMETIC, "integer overflow or division by zero")                     \
	X(NOT_FOUND, "a name, entity or file does not exist")                     \
	X(DUPLICATE, "a name or id is already taken")                             \
	X(INVALID, "an argument or a policy set is not valid")                    \
	X(DENIED, "the policy set does not allow the request")                    \
	X(RUNTIME, "the script raised an error")                                  \
	X(TERMINATED, "the run was ended from outside")                           \
	X(HOST, "the operating system refused")                                   \
	X(NOT_BUILT, "this part was left out when the library was built")         \
	X(INTERNAL, "a defect of this library")

enum rexi_status {
#define REXI_STATUS_ENUM(name, text) REXI_##name,
	REXI_STATUS_LIST(REXI_STATUS_ENUM)
#undef REXI_STATUS_ENUM
};

/* A borrowed run of bytes; not NUL-terminated, may hold NUL. ptr may be NULL when len is 0. */
struct rexi_str {
	const char *ptr;
	size_t len;
};

/* A half-open byte range of a source text; empty when none applies. */
struct rexi_span {
	uint32_t start, end;
};

/* Filled by the first failure, in storage that the caller provides; holds no memory of its own. */
struct rexi_error {
	enum rexi_status status;
	struct rexi_span span;
	uint32_t line, column; /* from 1; column counts code points, as Rhai does; 0 is no position */
	int os_errno;          /* set with REXI_HOST only */
	char message[256];     /* UTF-8, NUL-terminated, cut at a character boundary */
};

/*
 * Memory of an engine, policy set or session. `resize` acts as realloc does: ptr NULL allocates, new_size 0 frees and
 * returns NULL, old_size is the size asked for before. It must return memory aligned for any type, or NULL.
 */
struct rexi_allocator {
	void *(*resize)(void *user, void *ptr, size_t old_size, size_t new_size);
	void *user;
};

/* The name of a status ("OK", "NO_MEMORY", ...) and its meaning; static strings, never NULL. */
REXI_API const char *rexi_status_name(enum rexi_status status);
REXI_API const char *rexi_status_text(enum rexi_status status);

/* "1.2.3", the version of the library that is linked; static. */
REXI_API const char *rexi_version(void);

#ifdef __cplusplus
}
#endif
#endif
