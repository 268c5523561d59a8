/* rtcheck.c - preloaded into a process, it watches what runs between rtcheck_enter and rtcheck_exit on any thread:
 *
 *   allocation and locks   by standing in front of them (an uncontended lock makes no system call)
 *   system calls           by Syscall User Dispatch (Linux 5.11): one byte switches it on and off, every call raises SIGSYS, and the
 *                          handler notes it and carries it out, so that the run goes on and all violations are listed
 *   page faults            by the thread's own count, read outside the watched stretch
 *
 * At exit of the process $RTCHECK_LOG holds one line per violation, at most RECORDS, and a last line "blocks N violations N".
 * x86-64 Linux with glibc. References: Documentation/admin-guide/syscall-user-dispatch.rst in the kernel's sources. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#endif

enum { RECORDS = 1000, DISPATCH_ON = 1, SA_RESTORER_FLAG = 0x04000000 };

typedef struct {
  const char *what;
  long number;
  void *address;
} record;

#define PER_THREAD static __thread __attribute__((tls_model("initial-exec")))
PER_THREAD volatile unsigned char selector; /* 1: system calls of this thread are dispatched */
PER_THREAD volatile int inside, dispatched;
PER_THREAD long faults_before;

static record records[RECORDS];
static uint64_t violations, blocks;

/* Violations on purpose, from another library: see seeds.c. */
extern void rtcheck_seed_prepare(void) __attribute__((weak));
extern void rtcheck_seed(void) __attribute__((weak));

static void note(const char *what, long number, void *address) {
  uint64_t at = __atomic_fetch_add(&violations, 1, __ATOMIC_RELAXED);
  if (at < RECORDS) records[at] = (record){what, number, address};
}

/* ---- system calls ---- */
/* The way back from the handler is a system call too: the only one that is let through, by its address. */
__asm__(
    ".text\n.globl rtcheck_restorer\nrtcheck_restorer:\n mov $15, %eax\n syscall\n nop\n.globl "
    "rtcheck_restorer_end\nrtcheck_restorer_end:\n");
extern char rtcheck_restorer[], rtcheck_restorer_end[];

static long carry_out(const greg_t *r) {
  register long r10 __asm__("r10") = r[REG_R10], r8 __asm__("r8") = r[REG_R8], r9 __asm__("r9") = r[REG_R9];
  long result = r[REG_RAX];
  __asm__ volatile("syscall"
                   : "+a"(result)
                   : "D"(r[REG_RDI]), "S"(r[REG_RSI]), "d"(r[REG_RDX]), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}

static void on_sigsys(int signal, siginfo_t *info, void *context) {
  (void)signal;
  greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
  selector = 0;
  note("system call", info->si_syscall, info->si_call_addr);
  registers[REG_RAX] = info->si_syscall;
  registers[REG_RAX] = carry_out(registers);
  selector = 1;
}

static void install_handler(void) {
  struct {
    void (*handler)(int, siginfo_t *, void *);
    unsigned long flags;
    void *restorer;
    unsigned long mask;
  } action = {on_sigsys, SA_SIGINFO | SA_NODEFER | SA_RESTORER_FLAG, rtcheck_restorer, 0};
  if (syscall(SYS_rt_sigaction, SIGSYS, &action, NULL, sizeof action.mask)) abort();
}

static void dispatch_this_thread(void) {
  if (prctl(PR_SET_SYSCALL_USER_DISPATCH, DISPATCH_ON, rtcheck_restorer, rtcheck_restorer_end - rtcheck_restorer, &selector)) {
    perror("rtcheck: no Syscall User Dispatch");
    abort();
  }
  dispatched = 1;
}

/* ---- the watched stretch ---- */
static long faults(void) {
  struct rusage usage;
  getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_minflt + usage.ru_majflt;
}

void rtcheck_enter(void) {
  if (!dispatched) dispatch_this_thread();
  if (rtcheck_seed_prepare) rtcheck_seed_prepare();
  faults_before = faults();
  faults_before = faults(); /* the first may fault itself */
  inside = 1;
  selector = 1;
  if (rtcheck_seed) rtcheck_seed();
}

void rtcheck_exit(void) {
  selector = 0;
  inside = 0;
  long more = faults() - faults_before;
  if (more) note("page fault", more, NULL);
  __atomic_fetch_add(&blocks, 1, __ATOMIC_RELAXED);
}

/* ---- allocation and locks ---- */
#define WATCH(name) \
  if (inside) note(name, 0, __builtin_return_address(0))

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);
void __libc_free(void *);

void *malloc(size_t size) {
  WATCH("malloc");
  return __libc_malloc(size);
}
void *calloc(size_t count, size_t size) {
  WATCH("calloc");
  return __libc_calloc(count, size);
}
void *realloc(void *old, size_t size) {
  WATCH("realloc");
  return __libc_realloc(old, size);
}
void free(void *memory) {
  WATCH("free");
  __libc_free(memory);
}
void *memalign(size_t alignment, size_t size) {
  WATCH("memalign");
  return __libc_memalign(alignment, size);
}
void *aligned_alloc(size_t alignment, size_t size) {
  WATCH("aligned_alloc");
  return __libc_memalign(alignment, size);
}
int posix_memalign(void **memory, size_t alignment, size_t size) {
  WATCH("posix_memalign");
  *memory = __libc_memalign(alignment, size);
  return *memory ? 0 : 12;
}

/* Stands in front of `name`, whose newest version on x86-64 is `version`. */
#define WATCHED_LOCK(name, version, type)                                 \
  int name(type *lock) {                                                  \
    static int (*real)(type *);                                           \
    WATCH(#name);                                                         \
    if (!real) real = (int (*)(type *))dlvsym(RTLD_NEXT, #name, version); \
    return real(lock);                                                    \
  }
WATCHED_LOCK(pthread_mutex_lock, "GLIBC_2.2.5", pthread_mutex_t)
WATCHED_LOCK(pthread_rwlock_rdlock, "GLIBC_2.34", pthread_rwlock_t)
WATCHED_LOCK(pthread_rwlock_wrlock, "GLIBC_2.34", pthread_rwlock_t)
WATCHED_LOCK(sem_wait, "GLIBC_2.34", sem_t)

/* ---- the process ---- */
__attribute__((constructor)) static void begin(void) { install_handler(); }

static void write_record(FILE *log, const record *r) {
  Dl_info info = {0};
  if (r->address) dladdr(r->address, &info);
  fprintf(log, "%s %ld at %p %s %s\n", r->what, r->number, r->address, info.dli_fname ? info.dli_fname : "-",
          info.dli_sname ? info.dli_sname : "-");
}

__attribute__((destructor)) static void finish(void) {
  const char *path = getenv("RTCHECK_LOG");
  FILE *log = path ? fopen(path, "w") : stderr;
  if (!log) return;
  for (uint64_t n = 0; n < violations && n < RECORDS; n++) write_record(log, &records[n]);
  fprintf(log, "blocks %llu violations %llu\n", (unsigned long long)blocks, (unsigned long long)violations);
  if (path) fclose(log);
}
