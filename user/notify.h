/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What systemd is told, if it has started us. Nothing of it is waited for.
 */
#ifndef TTLOG_NOTIFY_H
#define TTLOG_NOTIFY_H

/**
 * notify() - tell it
 * @format: of what sd_notify(3) describes; begins with READY, RELOADING, STATUS,
 *	STOPPING or WATCHDOG
 *
 * What it doesn't take now stays in memory, in order and of each kind the last, until
 * notify_flush() can send it.
 */
__attribute__((format(printf, 1, 2)))
void notify(const char *format, ...);

/**
 * notify_fd() - what to poll with POLLOUT before notify_flush()
 *
 * Return: a descriptor; -1 when nothing is left to send.
 */
int notify_fd(void);

/* Send what is left, as far as it is taken. */
void notify_flush(void);

#endif
