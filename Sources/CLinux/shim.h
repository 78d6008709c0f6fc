#pragma once
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/vfs.h>

// What Glibc's module leaves out, because it stands behind _GNU_SOURCE; the tests need it.
// Declared here: the headers themselves, read with _GNU_SOURCE, would define types otherwise
// than that module does.
enum { TOCSIN_CLONE_FS = 0x00000200, TOCSIN_CLONE_NEWNS = 0x00020000 };  // <linux/sched.h>

int unshare(int flags);
int setns(int descriptor, int kind);
int setfsuid(unsigned int user);
int gettid(void);
