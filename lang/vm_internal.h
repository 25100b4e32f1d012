/* What the machine's frames (vm.c) and its loop (loop.c, loop_*.inc) share. */
#ifndef RXL_VM_INTERNAL_H
#define RXL_VM_INTERNAL_H

#include <string.h>

#include "lang/engine.h"

/* frame->flags */
#define FRAME_ENTRY 1U     /* called from C */
#define FRAME_LOCK 2U      /* frame->lock */
#define FRAME_DYNAMIC 4U   /* frame->dynamic */
#define FRAME_SEGMENT 8U   /* first in its segment */
#define FRAME_CONST 16U    /* `this` is a constant */
#define FRAME_SCOPED 32U   /* shares the registers of the frame below */
#define FRAME_EACH 64U     /* frame->each says whether it runs again; has FRAME_ENTRY, and neither lock nor segment */
#define FRAME_SLOW (FRAME_ENTRY | FRAME_EACH | FRAME_LOCK | FRAME_DYNAMIC | FRAME_SEGMENT)

/* No more calls of scripts fit. */
RX_INLINE bool rxl_vm_is_full(const struct rxl_vm *vm)
{
	return vm->depth + vm->callback_level > vm->level_max;
}

/* Runs the frame at the top, which has FRAME_ENTRY, until it is left; *result is owned by the caller. */
enum rexi_status rxl_loop_run(struct rxl_vm *vm, struct rxl_value *result);

/* The frame at the top, which has FRAME_EACH, has left its result in each->result: true when it is ready to run again. */
bool rxl_each_again(struct rxl_vm *vm);

/* A new run of registers with room for `need`; false when memory refuses. */
bool rxl_segment_push(struct rxl_vm *vm, size_t need);
/* Moves the end of the present run of registers beyond `upto` if there is room; most scripts never touch most of it. */
bool rxl_segment_extend(struct rxl_vm *vm, const struct rxl_value *upto);
void rxl_segment_pop(struct rxl_vm *vm);
/* Makes room for one more frame; pointers to frames may change. */
bool rxl_frames_room(struct rxl_vm *vm);
/* Ends what a frame's flags say it holds: lock, variables of eval, segment. */
void rxl_frame_leave(struct rxl_vm *vm, struct rxl_frame *frame);
/*
 * Finds who handles the error in flight. True: the frame at the top goes on at its pc. False: the frame that C called
 * has been left.
 */
bool rxl_unwind(struct rxl_vm *vm);
/* The error of spec 9 when the value is larger than the limits of sizes allow. */
enum rexi_status rxl_sizes_check(struct rxl_vm *vm, const struct rxl_value *value);

/* The first word of a value, which has its type. */
RX_INLINE uint64_t type_word(const struct rxl_value *value)
{
	uint64_t word;

	memcpy(&word, value, sizeof(word));
	return word;
}

/* Lets go what registers hold. Mostly that is nothing: the types below RXL_FIRST_COUNTED, a power of two, are told by one test. */
RX_INLINE void sweep(struct rxl_heap *heap, struct rxl_value *from, size_t count)
{
	const struct rxl_value mask = { .type = (uint8_t)-RXL_FIRST_COUNTED };
	uint64_t words = 0;
	size_t k = 0;

	for (; k + 4 <= count; k += 4)
		words |= type_word(&from[k]) | type_word(&from[k + 1]) | type_word(&from[k + 2]) | type_word(&from[k + 3]);
	for (; k < count; k++)
		words |= type_word(&from[k]);
	if (!(words & type_word(&mask)))
		return;
	for (k = 0; k < count; k++)
		if (rxl_is_counted(&from[k]))
			rxl_value_drop(heap, &from[k]);
}

#endif
