/*
 * Notices that an article was wrong, or was taken down, and what only speaks of them.
 */
#include "unit/kinds.h"

#include <string.h>

/* Every way of saying that an error was made: a correction, whatever else changed. */
static void test_corrections(void **state)
{
    static const char *const notices[] = {
        "이름을 바로잡습니다.",
        "본지는 위 내용을 바로\u00a0잡습니다.",
        "이\u00a0기사는 2025년 12월 25일 오후 3시에 수정되었습니다.",
        "(수정 및\u00a0추가) 값은 5원입니다.",
        "정정\u3000: 값은 5원입니다.",
        "(기사  일부\u00a0수정.\u00a0)",
        "This\u00a0article was amended\u00a0on Monday.",
        "본지는 위 내용을 바로 잡습니다.",
        "해당 표현을 바로잡았습니다.",
        "3월 2일자 기사의 값을 정정합니다.",
        "이에 기사를 정정했습니다.",
        "[정정보도문] 시장은 그런 말을 하지 않았습니다.",
        "정정 보도 요청에 따른 것입니다.",
        "이 보도는 언론중재위원회의 조정에 따른 것입니다.",
        "이에 정정보도를 게재합니다.",
        "[수정] 시각을 고쳤다.",
        "※ 본 기사는 당사자 요청에 따라 익명 처리했습니다.",
        "위 기사는 언론중재위원회의 조정에 따라 게재되었습니다.",
        "[오보 사과] 값은 5원입니다.",
        "(ATTN: CORRECTS figure in para 2)",
        "(ATTN: ADDS photo; CORRECTS name in headline)",
        "(Story corrects the name in the third paragraph.)",
        "이 기사는 언론사 요청으로 삭제되었습니다.",
        "본 기사는 사실과 다른 내용이 있어 내립니다.",
        "[반론보도] 시는 사실이 아니라고 했습니다.",
        "반론보도문을 싣습니다.",
        "이에 대해 시는 사실과 다르다고 알려왔습니다.",
        "시는 예산을 쓰지 않았다고 알려 왔습니다.",
        "추후보도문을 싣습니다.",
        "(정정) 값은 5원입니다.",
        "[고침] 사회(다리 공사 연기)",
        "<고침> 경제",
        "이 기사는 전문취소 되었습니다.",
        "Correction: it snowed.",
        "CORRECTION: it snowed.",
        "Correction (Jan. 5): it snowed.",
        "Corrections: the mayor is Hill.",
        "Clarification: the mayor spoke later.",
        "CLARIFICATION: the mayor spoke later.",
        "Editor's note: the name was wrong.",
        "Editor’s Note: the name was wrong.",
        "Editors' note: the name was wrong.",
        "EDITOR'S NOTE: the name was wrong.",
        "An earlier version of this article gave the wrong name.",
        "Earlier versions of this story are gone. A previous version of this story erred.",
        "This article has been updated to correct the name.",
        "The story was updated to correct the name.",
        "This post has been updated to clarify who spoke.",
        "The name has been corrected.",
        "The figure was corrected on Monday.",
        "Two names have been corrected.",
        "The article has been retracted.",
        "RETRACTION: the study was made up.",
        "● Retraction: the study was made up.",
        "●정정 및 사과",
        "사실과 다른 부분이 있어 정정하며 사과드립니다.",
        "이름이 틀려 바로잡고 사과드립니다.",
        "기사 내용 일부가 사실과 달라 수정했습니다.",
        "일부 내용이 사실과 달라 수정합니다.",
        "이 기사는 2025년 12월 25일 오후 3시에 수정되었습니다.",
        "이 기사는 2025. 12. 25. 수정됐습니다.",
        "독자의 지적에 따라 수정합니다.",
        "위 기사에서 시장의 이름을 잘못 표기했습니다.",
        "시각을 고쳐 수정한 기사입니다.",
        "[기사 수정] 시각을 고쳤다.",
        "(Corrects figure in paragraph 2)",
        "An earlier version misstated the amount.",
        "A previous version incorrectly named the mayor.",
        "This article was updated on Monday to correct the name.",
        "This article was amended on 3 January.",
        "We apologize for the error.",
        "[수정: 3월 2일] 시각을 고쳤다.",
        "[정정 및 반론보도] 시는 그런 말을 하지 않았습니다.",
        "(정정보도) 값은 5원입니다.",
        "【정정】 값은 5원입니다.",
        "정정보도문 - 값은 5원입니다.",
        "이 글은 언론중재위 조정에 따른 것입니다.",
        "<정정보도문> 값은 5원입니다.",
        "▶정정보도: 값은 5원입니다.",
        "◆ 정정 = 값은 5원입니다.",
        "고침: 값은 5원입니다.",
        "※ 3월 2일 오후 3시 기사 일부 수정",
        "기사 내용 중 값을 고쳤습니다.",
        "기사 중 오류를 수정했습니다.",
        "제목에 오류가 있어 수정합니다.",
        "보도와 관련해 시는 사실이 아니라고 밝혀왔습니다.",
        "오보에 대해 사과드립니다.",
        "기사가 삭제되었습니다.",
        "기사 내용에 오류가 있어 삭제했습니다.",
        "존재하지 않는 기사입니다.",
        "This article has been removed.",
    };
    /* speaking of corrections is none */
    static const char *const prose[] = {
        "시장은 잘못을 바로잡겠다고 말했다.",
        "교육청은 교과서를 정정할 방침이다.",
        "경찰은 삭제된 사진을 찾았다.",
        "Officers of the correction facility met.",
        "He is known for his earlier work.",
        "그는 언론사에 정정보도를 신청했다.",
        "법원은 정정보도를 하라고 판결했다.",
        "당은 반론보도 청구를 검토한다.",
        "의원은 법안을 수정했습니다.",
        "법안이 수정되었습니다.",
        "의원은 \"법안을 수정했습니다\"라고 말했다.",
        "버스 기사의 임금안을 수정했습니다.",
        "그는 이 기사를 읽었다. 법안을 수정했습니다.",
        "위원회는 지적에 따라 수정합니다.",
        "시는 독자의 지적에 답했다.",
        "보고서가 사실과 달라 수정을 요구했다.",
        "The law was amended on Monday.",
        "He wants to correct the record.",
        "An earlier version was milder.",
        "History misstated the amount.",
        "This article was short. He came to correct it.",
        "법원은 정정보도를 게재하라고 판결했다.",
        "법원은 정정보도문을 실으라고 판결했다.",
        "시는 추후보도를 요구했다.",
        "시는 정정보도문 게재를 요구했다.",
        "시는 '정정보도문'을 요구했다.",
        "시는 정정보도문, 사과문을 요구했다.",
        "요금 인상은 조정에 따른 것입니다.",
        "시는 기사 삭제를 요구했다.",
        "시는 포털에 기사를 삭제해 달라고 했다.",
        "문제의 기사는 삭제된 상태다.",
        "글은 작성자 요청으로 삭제됐다.",
        "보고서에 사실과 다른 내용이 있어 논란이 됐다.",
        "개정안(수정안)을 냈다.",
        "국회는 예산안을 [수정의결]했다.",
        "영화(정정훈 촬영)가 나온다.",
        "시의 뜻은 정정: 당당하다는 것이다.",
        "기사 일부 수정을 논의했다.",
        "CORRECTIONAL officers met.",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(notices) / sizeof(notices[0]); i++) {
        CLEANUP(buf_release) struct buf after = BUF_INIT;
        assert_int_equal(buf_printf(&after, "%s끝. %s", LEAD, notices[i]), 0);
        assert_int_equal(buf_add_char(&after, '\0'), 0);
        struct sillok_change_class c = classify_bodies(LEAD "끝.", after.ptr);
        if (c.kind != SILLOK_KIND_CORRECTION)
            fail_msg("%s: %s", notices[i], sillok_kind_name(c.kind));
        c = classify_bodies(after.ptr, LEAD "끝."); /* one that went is none */
        if (c.kind == SILLOK_KIND_CORRECTION)
            fail_msg("gone: %s", notices[i]);
    }
    for (size_t i = 0; i < sizeof(prose) / sizeof(prose[0]); i++) {
        CLEANUP(buf_release) struct buf after = BUF_INIT;
        assert_int_equal(buf_printf(&after, "%s끝. %s", LEAD, prose[i]), 0);
        assert_int_equal(buf_add_char(&after, '\0'), 0);
        const struct sillok_change_class c = classify_bodies(LEAD "끝.", after.ptr);
        if (c.kind != SILLOK_KIND_ADDED)
            fail_msg("%s: %s", prose[i], sillok_kind_name(c.kind));
    }
}

/* Part of the notice may have stood there: what it is about far before the place, or all but
 * the day. */
static void a_notice_that_goes_on(void **state)
{
    static const struct {
        const char *before, *after;
        enum sillok_kind kind;
    } cases[] = {
        { "이 기사는 1월 2일 오전 9시 30분 처음으로 인터넷에 올라갔습니다.",
          "이 기사는 1월 2일 오전 9시 30분 처음으로 인터넷에 올라가 이튿날 수정됐습니다.",
          SILLOK_KIND_CORRECTION },
        { "이 기사는 1월 2일 수정됐습니다.", "이 기사는 1월 3일 수정됐습니다.",
          SILLOK_KIND_NUMBER },
        { "이 기사는 1월 2일 수정됐습니다.", "이 기사는 1월 2일 수정됐습니다. 끝이다.",
          SILLOK_KIND_ADDED },
        { "This article was amended on 3 January.",
          "This article was amended on 4 January.", SILLOK_KIND_NUMBER },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct sillok_change_class c =
            classify_behind_lead(cases[i].before, cases[i].after);
        if (c.kind != cases[i].kind)
            fail_msg("%s: %s", cases[i].after, c.why);
    }
}

/* A notice in the place of a long text is a withdrawal that says so, and no fault of the crawl. */
static void what_is_left_is_a_notice(void **state)
{
    (void)state;
    struct sillok_change_class c =
        classify_bodies(STORY STORY STORY, "이 기사는 언론사 요청으로 삭제되었습니다.");
    assert_int_equal(c.kind, SILLOK_KIND_CORRECTION);
    assert_int_equal(c.kinds, 1u << SILLOK_KIND_CORRECTION | 1u << SILLOK_KIND_REMOVED);
    c = classify_bodies(STORY STORY STORY, "로그인 후 볼 수 있습니다.");
    assert_int_equal(c.kind, SILLOK_KIND_EMPTIED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_corrections),
        cmocka_unit_test(a_notice_that_goes_on),
        cmocka_unit_test(what_is_left_is_a_notice),
    };
    return cmocka_run_group_tests_name("diff/notice", tests, NULL, NULL);
}
