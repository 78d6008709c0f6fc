#pragma once
#include <malloc.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/vfs.h>

// What Glibc's module leaves out, because it stands behind _GNU_SOURCE. Declared here: the
// headers themselves, read with _GNU_SOURCE, would define types otherwise than that module does.

// Who is at the other end of a local socket (unix(7)).
struct tocsin_ucred {
    int pid;
    unsigned int uid;
    unsigned int gid;
};
enum { TOCSIN_SO_PEERCRED = SO_PEERCRED, TOCSIN_SO_PEERGROUPS = SO_PEERGROUPS };
enum { TOCSIN_SOCK_NONBLOCK = SOCK_NONBLOCK, TOCSIN_SOCK_CLOEXEC = SOCK_CLOEXEC };
enum { TOCSIN_MSG_NOSIGNAL = MSG_NOSIGNAL, TOCSIN_MSG_DONTWAIT = MSG_DONTWAIT };

int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);

// What the tests need.
enum { TOCSIN_CLONE_FS = 0x00000200, TOCSIN_CLONE_NEWNS = 0x00020000 };  // <linux/sched.h>

int unshare(int flags);
int setns(int descriptor, int kind);
int setfsuid(unsigned int user);
int gettid(void);
int pidfd_open(int process, unsigned int flags);
int pidfd_getfd(int handle, int descriptor, unsigned int flags);
