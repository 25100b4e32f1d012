/* Included last by .c files: functions that overflow, depend on the locale, or hand a string to a shell. */
#ifndef RX_BANNED_H
#define RX_BANNED_H

#ifndef __clang__ /* which warns when the C library has made one of them a macro */
#pragma GCC poison strcpy strcat sprintf vsprintf strtok atoi atol atof gets system popen rand srand localtime gmtime
#pragma GCC poison asctime ctime tmpnam tempnam mktemp setlocale
#endif

#endif
