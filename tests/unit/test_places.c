/*
 * What stands in the places that changed: numbers by their value, names, negations and
 * quotations, boilerplate, where a feed cut, and how much it is.
 */
#include "diff/boiler.h"
#include "diff/change.h"
#include "diff/chars.h"
#include "diff/number.h"

#include "support.h"

#include "sillok/diff.h"

#include <stdlib.h>
#include <string.h>

/* --- numbers --- */

/* Lines of writings of one value; no two lines are the same. */
static void numbers_count_by_value(void **state)
{
    static const char *const values[][12] = {
        { "", "비가 왔다", "일", "이", "천천히", "만", "조", "백", "삼", "삼십" },
        { "0", "00", "0,000" },
        { "1원", "1" },
        { "10원" },
        { "12", "십이일" },
        { "20명", "이십명" },
        { "99명", "구십구명" },
        { "100명", "일백명", "1백명" },
        { "111명", "백십일명" },
        { "123명", "백이십삼명", "1백23명" },
        { "1000", "1,000", "1천", "1000.0", "1,000.00" },
        { "2345개", "이천삼백사십오개", "2천3백45개" },
        { "5678", "오천육백칠십팔원" },
        { "10000", "1만", "1만원" },
        { "10002", "1만2" },
        { "12000", "1만2천", "1만 2천" },
        { "30000개", "삼만개" },
        { "100000000", "1억", "일억원" },
        { "120000000", "1억2천만", "1억 2000만", "1억 2,000만원" },
        { "1200000000000", "1조2천억", "1조 2,000억" },
        { "1234500000000", "1조2천3백45억" },
        { "3456가구", "3천456가구", "3,456", "3천4백56" },
        { "198384", "19만8천384", "19만 8천384명" },
        { "33000000건", "3천300만건", "3300만" },
        { "313300000", "3억1천330만", "3억 1천330만" },
        { "1천 456", "456 1000" }, /* two, and so on: */
        { "3천5천", "5000 3000" },
        { "3천20백", "2000 3000" },
        { "3천1000", "1000 3000" },
        { "3천 300명", "300 3000" },
        { "3천 4백", "400 3000" },
        { "3천045", "3천 045" },
        { "1만2만", "20000 10000" },
        { "1만 2명", "2명 10000" },
        { "1억20000만", "100000000 200000000" },
        { "1조2천3백450", "450 1000000002300" },
        { "1.5", "1.50", "1.5000" },
        { "1.2345" },
        { "15000", "1.5만" },
        { "1500", "1.5천" },
        { "-5", " -5", "−5", "△5", "▽5", "▼5" },
        { "±5" },
        { "5" },
        { "007" },
        { "0.07" },
        { "7" },
    };
    (void)state;
    enum { N = sizeof(values) / sizeof(values[0]) };
    uint64_t sums[N];
    for (size_t i = 0; i < N; i++) {
        sums[i] = numbers_sum(text_of(values[i][0]));
        for (size_t k = 1; k < 12 && values[i][k]; k++)
            if (numbers_sum(text_of(values[i][k])) != sums[i])
                fail_msg("'%s' is not '%s'", values[i][k], values[i][0]);
        for (size_t k = 0; k < i; k++)
            if (sums[k] == sums[i])
                fail_msg("'%s' is '%s'", values[i][0], values[k][0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_count_by_value),
    };
    return cmocka_run_group_tests_name("diff/places", tests, NULL, NULL);
}
