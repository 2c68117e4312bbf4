/* Why: libzel for C, and for whatever can call C: Fortran, Python, Julia … Everything is what <zel/zel.hpp> does; what
 * is written there holds here. C11, no other header of libzel's needed.
 *
 *     zel_job *job;
 *     if (zel_init(&job) != ZEL_OK) { fprintf(stderr, "%s\n", zel_error_text()); return 1; }
 *     printf("rank %d of %d\n", zel_rank(job), zel_size(job));
 *     zel_finalize(job);
 *
 * Every function that can fail returns ZEL_OK or one of the codes below, and never lets an exception out. What it was
 * to store is only stored with ZEL_OK, if not said otherwise. A null where an object or a place for a result is needed
 * is ZEL_USAGE; envelopes may be null. Handles belong to one process and are used by one thread at a time; those of
 * membership events by any thread.
 */
#ifndef ZEL_H
#define ZEL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ZEL_C_API __attribute__((visibility("default")))

/* ---- errors ------------------------------------------------------------------------------------------ */

enum zel_code {
  ZEL_OK = 0,
  ZEL_USAGE = 1,          /* the call makes no sense: a rank out of range, a null */
  ZEL_NO_SUCH_MEMBER = 2, /* the rank is not, or no longer, a member */
  ZEL_MEMBER_LOST = 3,    /* a member that the call needed died or left: zel_error_rank() */
  ZEL_NODE_LOST = 4,      /* this rank's node is gone */
  ZEL_TOO_LARGE = 5,      /* a message is larger than its buffer; it stays unreceived */
  ZEL_LIMIT_REACHED = 6,  /* a bounded queue is full, or the deadline of a wait has passed */
  ZEL_MALFORMED = 7,      /* sizes or bytes are not what was agreed */
  ZEL_TASK_FAILED = 8,
  ZEL_SYSTEM = 9,         /* a system call failed, or there is no memory */
  ZEL_GROUP_BROKEN = 10   /* a collective operation failed at zel_error_rank() for a reason of its own */
};

/* One line about the last error of this thread: what, whom, what to do. Valid until its next. Never null. */
ZEL_C_API const char *zel_error_text(void);
/* The member it is about, or -1. */
ZEL_C_API int zel_error_rank(void);
/* "member_lost" and the like; "unknown" for other numbers. */
ZEL_C_API const char *zel_code_name(int code);

/* ---- the job ----------------------------------------------------------------------------------------- */

typedef struct zel_job zel_job;

/* Joins the job this process was started in by zrun, or makes a job of one. Once per process. */
ZEL_C_API int zel_init(zel_job **job);
/* Leaves in order. Groups must have been freed, and requests be over or given up, before. Null is allowed. */
ZEL_C_API int zel_finalize(zel_job *job);
/* -1 for null. */
ZEL_C_API int zel_rank(const zel_job *job);
ZEL_C_API int zel_size(const zel_job *job);
ZEL_C_API int zel_local_rank(const zel_job *job);
ZEL_C_API int zel_local_size(const zel_job *job);
ZEL_C_API int zel_cores(const zel_job *job);
/* Valid until zel_finalize. Empty for null. */
ZEL_C_API const char *zel_job_id(const zel_job *job);
ZEL_C_API const char *zel_node(const zel_job *job);

/* ---- messages ---------------------------------------------------------------------------------------- */

#define ZEL_ANY_RANK (-1)
#define ZEL_ANY_TAG (-1)

typedef struct zel_envelope {
  int from;
  int tag;
  size_t bytes;
} zel_envelope;

/* Returns when the buffer may be used again. Tags are 0 to 2^30 - 1. */
ZEL_C_API int zel_send(zel_job *job, const void *bytes, size_t size, int to, int tag);
/* Waits for the next message that matches. */
ZEL_C_API int zel_receive(zel_job *job, void *bytes, size_t room, int from, int tag, zel_envelope *envelope);
/* *found: whether a message that matches is here; it is not received. Never waits. */
ZEL_C_API int zel_probe(zel_job *job, int from, int tag, int *found, zel_envelope *envelope);
ZEL_C_API int zel_wait_probe(zel_job *job, int from, int tag, zel_envelope *envelope);

typedef struct zel_request zel_request;

/* Begin; never wait. The buffer is libzel's until the request is over. */
ZEL_C_API int zel_isend(zel_job *job, const void *bytes, size_t size, int to, int tag, zel_request **request);
ZEL_C_API int zel_ireceive(zel_job *job, void *bytes, size_t room, int from, int tag, zel_request **request);
/* When a request is over, well or not, it is freed and *request becomes null. A null request is over. After
 * ZEL_LIMIT_REACHED, and ZEL_USAGE, it goes on and stays. */
ZEL_C_API int zel_test(zel_request **request, int *over, zel_envelope *envelope);
ZEL_C_API int zel_wait(zel_request **request, zel_envelope *envelope);
/* The first error when all are over. */
ZEL_C_API int zel_wait_all(zel_request **requests, size_t count);
/* *which: the one that is over now, also when its error is returned; `count` if all were null. */
ZEL_C_API int zel_wait_any(zel_request **requests, size_t count, size_t *which, zel_envelope *envelope);
/* *cancelled: the receive was given up before a message had begun to fill it; it is over then. A send cannot be. */
ZEL_C_API int zel_cancel(zel_request **request, int *cancelled);

/* ---- groups and collective operations ---------------------------------------------------------------- */

typedef struct zel_group zel_group;

/* All ranks; or `count` of them, the caller among them; or those of a group that are not known to be gone. */
ZEL_C_API int zel_group_all(zel_job *job, zel_group **group);
ZEL_C_API int zel_group_of(zel_job *job, const int *ranks, size_t count, zel_group **group);
ZEL_C_API int zel_group_without_lost(const zel_group *group, zel_group **next);
ZEL_C_API void zel_group_free(zel_group *group);
/* -1 for null, or a position that is none. */
ZEL_C_API int zel_group_size(const zel_group *group);
ZEL_C_API int zel_group_position(const zel_group *group);
ZEL_C_API int zel_group_rank(const zel_group *group, int position);

typedef enum zel_type {
  ZEL_INT8, ZEL_UINT8, ZEL_INT16, ZEL_UINT16, ZEL_INT32, ZEL_UINT32, ZEL_INT64, ZEL_UINT64, ZEL_FLOAT, ZEL_DOUBLE
} zel_type;
/* AND and OR are of bits, and of whole numbers only. */
typedef enum zel_operation { ZEL_SUM, ZEL_PRODUCT, ZEL_MINIMUM, ZEL_MAXIMUM, ZEL_AND, ZEL_OR } zel_operation;

/* All members call the same, in the same order, with the same sizes. Roots are ranks of the job. When a member dies,
 * ZEL_MEMBER_LOST at all that are not through, and at all in the next operation: go on with zel_group_without_lost.
 * Results after an error are undefined. `in` may be `out`; else buffers do not overlap. */
ZEL_C_API int zel_barrier(zel_group *group);
ZEL_C_API int zel_broadcast(zel_group *group, void *bytes, size_t size, int root);
/* `out` is used at the root only. */
ZEL_C_API int zel_reduce(zel_group *group, const void *in, void *out, size_t count, zel_type type,
                         zel_operation operation, int root);
ZEL_C_API int zel_allreduce(zel_group *group, const void *in, void *out, size_t count, zel_type type,
                            zel_operation operation);
/* left[i] and right[i], i < count, are combined into into[i], which is one of the two. Associative; returns normally. */
typedef void zel_combine(void *into, const void *left, const void *right, size_t count, void *context);
ZEL_C_API int zel_allreduce_with(zel_group *group, void *elements, size_t count, size_t element_size,
                                 zel_combine *combine, void *context);
/* `size` is that of one member's part; `all` has one per member, in the order of positions. `all` of gather is used at
 * the root only; so is that of scatter. */
ZEL_C_API int zel_gather(zel_group *group, const void *mine, size_t size, void *all, int root);
ZEL_C_API int zel_allgather(zel_group *group, const void *mine, size_t size, void *all);
ZEL_C_API int zel_scatter(zel_group *group, const void *all, void *mine, size_t size, int root);
ZEL_C_API int zel_alltoall(zel_group *group, const void *all, void *received, size_t size);

/* ---- membership -------------------------------------------------------------------------------------- */

typedef enum zel_event_kind {
  ZEL_JOINED, ZEL_LEFT, ZEL_DIED, ZEL_ELECTED, ZEL_SIGNALLED, ZEL_CLOSED, ZEL_TERMINATED
} zel_event_kind;

typedef struct zel_event {
  uint64_t sequence;
  zel_event_kind kind;
  int rank;
  const char *text; /* valid until this thread's next call for an event */
} zel_event;

/* The next entry of the log, if one is there; or waiting for it so long. *found: whether there is one. */
ZEL_C_API int zel_event_poll(zel_job *job, int *found, zel_event *event);
ZEL_C_API int zel_event_wait(zel_job *job, int64_t milliseconds, int *found, zel_event *event);
/* 1 or 0. */
ZEL_C_API int zel_is_present(const zel_job *job, int rank);
/* Stores up to `room` ranks, ascending; *count is how many are present. */
ZEL_C_API int zel_present(const zel_job *job, int *ranks, size_t room, size_t *count);
/* Stands for the election and waits for who holds it. */
ZEL_C_API int zel_elect(zel_job *job, const char *name, int64_t milliseconds, int *holder);
ZEL_C_API int zel_signal(zel_job *job, const int *ranks, size_t count, const char *text);
/* Until every rank has joined or ended. */
ZEL_C_API int zel_wait_closed(zel_job *job, int64_t milliseconds);
ZEL_C_API int zel_terminate(zel_job *job);

#ifdef __cplusplus
}
#endif

#endif
