/* test_thread.c - a thread starts, or it is said in words why not. */
#include "harness.h"

#include <string.h>

#include "sys/thread.h"

static void *twice(void *ctx)
{
    *(int *)ctx *= 2;
    return NULL;
}

static void a_thread_starts(void **state)
{
    struct error e = { 0 };
    pthread_t t;
    int n = 21;
    (void)state;
    assert_int_equal(thread_start(&t, twice, &n, "counts", &e), 0);
    assert_int_equal(pthread_join(t, NULL), 0);
    assert_int_equal(n, 42);
    assert_int_equal(e.code, 0);
}

/* No memory holds a stack of this size: what a limit of processes answers, the system answers here too (EAGAIN). */
static void a_thread_that_cannot_start_says_why(void **state)
{
    struct error e = { 0 };
    pthread_attr_t usual, huge;
    pthread_t t;
    int n = 0;
    (void)state;
    assert_int_equal(pthread_getattr_default_np(&usual), 0);
    assert_int_equal(pthread_attr_init(&huge), 0);
    assert_int_equal(pthread_attr_setstacksize(&huge, (size_t)1 << 60), 0);
    assert_int_equal(pthread_setattr_default_np(&huge), 0);
    assert_int_equal(thread_start(&t, twice, &n, "keeps the deadlines of requests", &e), ERR_IO);
    assert_int_equal(pthread_setattr_default_np(&usual), 0);
    assert_non_null(strstr(e.detail, "cannot start the thread that keeps the deadlines of requests: "));
    assert_non_null(strstr(e.detail, "`TasksMax=`"));
    assert_null(strstr(e.detail, "11"));
    pthread_attr_destroy(&huge);
    pthread_attr_destroy(&usual);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thread_starts),
        cmocka_unit_test(a_thread_that_cannot_start_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
