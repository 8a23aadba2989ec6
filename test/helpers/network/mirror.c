// Emulates a network on one machine: a packet to a virtual address X returns from X, after the delay that X encodes.
//
// The kernel routes packets A -> X into a TUN device. The device returns them as X -> A, so that a socket which listens on any
// address answers as X. Swapping source and destination keeps every checksum valid. The last byte of X encodes its behaviour:
// three bits for the fate of packets, and five for the round trip in units of 8 ms (address.ts).
//
// usage: mirror DEVICE. Prints "ready". For every line on stdin it prints the lateness of packets since the previous line, as JSON.
// Ends with stdin.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { ANSWERS = 1, SILENT = 2, STALLS = 3 };
enum { TCP = 6, ICMP = 1, ICMP6 = 58, MAX_PACKET = 2048 };

struct packet { int64_t due; uint64_t order; int length; uint8_t bytes[MAX_PACKET]; };

static struct packet **heap;
static size_t count, room;

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int before(const struct packet *a, const struct packet *b) {
  return a->due != b->due ? a->due < b->due : a->order < b->order;
}

static void push(struct packet *p) {
  if (count == room && !(heap = realloc(heap, (room = room ? 2 * room : 1024) * sizeof *heap))) abort();
  size_t i = count++;
  for (; i > 0 && before(p, heap[(i - 1) / 2]); i = (i - 1) / 2) heap[i] = heap[(i - 1) / 2];
  heap[i] = p;
}

static struct packet *pop(void) {
  struct packet *first = heap[0], *last = heap[--count];
  size_t i = 0, child;
  while ((child = 2 * i + 1) < count) {
    if (child + 1 < count && before(heap[child + 1], heap[child])) child++;
    if (!before(heap[child], last)) break;
    heap[i] = heap[child];
    i = child;
  }
  heap[i] = last;
  return first;
}

static void swap(uint8_t *a, uint8_t *b, int length) {
  uint8_t c[16];
  memcpy(c, a, length); memcpy(a, b, length); memcpy(b, c, length);
}

// Turns a packet around. Returns the nanoseconds until it is returned, or -1 for a lost packet
static int64_t turn(uint8_t *p, int length) {
  int isV4 = p[0] >> 4 == 4, header = isV4 ? (p[0] & 15) * 4 : 40;
  if (length < header + 8) return -1;
  uint8_t *source = p + (isV4 ? 12 : 8), *destination = p + (isV4 ? 16 : 24), protocol = p[isV4 ? 9 : 6];
  int size = isV4 ? 4 : 16;
  // only virtual addresses: no multicast, no neighbour discovery
  if (isV4 ? destination[0] >= 224 : destination[0] >> 5 != 1) return -1;
  int truth = destination[size - 1];

  // an "unreachable" message quotes the packet to which it responds
  uint8_t *quoted = p + header + 8;
  if (protocol == (isV4 ? ICMP : ICMP6) && p[header] == (isV4 ? 3 : 1) && length >= header + 8 + (isV4 ? 20 : 40)) {
    swap(quoted + (isV4 ? 12 : 8), quoted + (isV4 ? 16 : 24), size);
  }

  swap(source, destination, size);
  int hasPayload = protocol != TCP || (length >= header + 20 && length > header + (p[header + 12] >> 4) * 4);
  int fate = truth >> 5;
  return fate == ANSWERS || (fate == STALLS && !hasPayload) ? (truth & 31) * 8 * 1000000LL / 2 : -1;
}

int main(int argc, char **argv) {
  int tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
  struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI };
  strncpy(request.ifr_name, argc > 1 ? argv[1] : "tun0", IFNAMSIZ - 1);
  if (tun < 0 || ioctl(tun, TUNSETIFF, &request) < 0) { perror("/dev/net/tun"); return 2; }
  prctl(PR_SET_TIMERSLACK, 1);
  setpriority(PRIO_PROCESS, 0, -20);  // if permitted: a delay of this process would look like a slow network
  puts("ready");
  fflush(stdout);

  uint64_t order = 0, returned = 0, dropped = 0;
  int64_t late = 0, latest = 0;

  for (;;) {
    int64_t wait = count == 0 ? 1000000000LL : heap[0]->due - now();
    struct timespec timeout = { 0, wait < 0 ? 0 : wait > 999999999 ? 999999999 : wait };
    struct pollfd on[] = { { tun, POLLIN, 0 }, { 0, POLLIN, 0 } };
    if (ppoll(on, 2, &timeout, NULL) < 0 && errno != EINTR) return 1;

    for (int i = 0; i < 64; i++) {
      static struct packet *p;
      if (!p && !(p = malloc(sizeof *p))) abort();
      p->length = read(tun, p->bytes, MAX_PACKET);
      if (p->length <= 0) break;
      int64_t delay = turn(p->bytes, p->length);
      if (delay < 0) { dropped++; continue; }
      p->due = now() + delay;
      p->order = order++;
      push(p);
      p = NULL;
    }

    while (count > 0 && heap[0]->due <= now()) {
      struct packet *p = pop();
      int64_t by = now() - p->due;
      if (write(tun, p->bytes, p->length) < 0) dropped++; else returned++;
      late += by;
      if (by > latest) latest = by;
      free(p);
    }

    if (on[1].revents) {
      char line[64];
      if (read(0, line, sizeof line) <= 0) return 0;
      printf("{\"returned\":%llu,\"dropped\":%llu,\"lateMean\":%.4f,\"lateMax\":%.3f}\n", (unsigned long long) returned,
        (unsigned long long) dropped, returned ? late / 1e6 / returned : 0, latest / 1e6);
      fflush(stdout);
      returned = dropped = late = latest = 0;
    }
  }
}
