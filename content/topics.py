"""The nine content topics and the nine official messages of the Quảng Ngãi letter of April 2023."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

LETTER = "Công văn tháng 4/2023 của Sở Thông tin và Truyền thông tỉnh Quảng Ngãi"


class TopicCode(StrEnum):
    """Section I of the letter, in its order. A closed set: reports count the coverage of these nine."""

    POLICY = "policy"
    LEADERSHIP = "leadership"
    GOALS_AND_SERVICES = "goals-and-services"
    IT_AND_DX = "it-and-dx"
    PLAN_AND_RESULTS = "plan-and-results"
    DOCUMENTS = "documents"
    PROJECT_06 = "project-06"
    DX_DAY = "dx-day"
    GOOD_EXAMPLES = "good-examples"


@dataclass(frozen=True)
class Topic:
    code: TopicCode
    title: str
    source: str


_TITLES: dict[TopicCode, str] = {
    TopicCode.POLICY: "Quan điểm, chủ trương, chính sách về chuyển đổi số",
    TopicCode.LEADERSHIP: "Vai trò, trách nhiệm của người đứng đầu",
    TopicCode.GOALS_AND_SERVICES: "Mục tiêu, nhiệm vụ, dịch vụ công và thanh toán không tiền mặt",
    TopicCode.IT_AND_DX: "Khác nhau giữa công nghệ thông tin và chuyển đổi số",
    TopicCode.PLAN_AND_RESULTS: "Kế hoạch truyền thông và kết quả chuyển đổi số",
    TopicCode.DOCUMENTS: "Văn bản, chương trình của Trung ương và của tỉnh",
    TopicCode.PROJECT_06: "Đề án 06: dữ liệu dân cư, định danh điện tử",
    TopicCode.DX_DAY: "Ngày Chuyển đổi số quốc gia 10/10",
    TopicCode.GOOD_EXAMPLES: "Gương điển hình, Tổ công nghệ số cộng đồng",
}

TOPICS: tuple[Topic, ...] = tuple(
    Topic(code, title, f"{LETTER}, mục I, ý {place}")
    for place, (code, title) in enumerate(_TITLES.items(), 1)
)

# Section II of the letter, word for word; message n stands at n - 1.
OFFICIAL_MESSAGES: tuple[str, ...] = (
    "Người đứng đầu mà không có quyết tâm chính trị thì chuyển đổi số sẽ không xảy ra.",
    "Chuyển đổi số phải lấy người dân và doanh nghiệp là trung tâm, là chủ thể và là mục tiêu của sự phát triển.",
    "Chuyển đổi số là cuộc cách mạng của toàn dân. "
    "Mỗi người dân phải trở thành công dân số thì chuyển đổi số mới thành công.",
    "Không một quốc gia, tổ chức, cá nhân nào có thể đứng ngoài tiến trình chuyển đổi số của nhân loại.",
    "Chuyển đổi số giáo dục chính là cách chúng ta thay đổi tương lai của cả quốc gia.",
    "Dữ liệu chính là tài nguyên trong chuyển đổi số "
    "nhưng tài nguyên này càng khai thác, chia sẻ thì giá trị mang lại càng lớn.",
    "Doanh nghiệp công nghệ số chính là hạt nhân của quá trình chuyển đổi số.",
    "Chuyển đổi số là động lực thực sự tạo ra cơ hội, giá trị mới để thúc đẩy phát triển kinh tế - xã hội.",
    "An toàn thông tin phải song hành và trở thành một phần không thể tách rời của chuyển đổi số.",
)


def topic(code: TopicCode) -> Topic:
    return next(one for one in TOPICS if one.code is code)
