"""Two clients of GeoReport v2 that others wrote, civicbot and georeport, against a running adapter: says what they got."""

import json
import sys

from civicbot.http import HttpTransport, RateLimiter
from civicbot.open311 import Open311Client
from civicbot.registry import Endpoint
from georeport import GeoReport

url, jurisdiction, key = sys.argv[1:]

endpoint = Endpoint(id="dutyledger", name="DutyLedger", base_url=url, write=True)
transport = HttpTransport(rate_limiter=RateLimiter(min_interval=0.0))
client = Open311Client(endpoint, transport, jurisdiction_id=jurisdiction)
posted = client.create_request(
    "0207",
    dry_run=False,
    confirm="SEND",
    api_key=key,
    validate_remote=True,
    lat=28.9512345,
    lng=119.0512345,
    address_string="盈川村口",
    description="河水发黑 <臭> & 有鱼死亡",
    first_name="小明",
    last_name="欧阳",
    phone="13857004321",
    media_url="https://pic.example.cn/1.jpg",
)
request_id = posted.response[0]["service_request_id"]

readers = {form: GeoReport(url, jurisdiction=jurisdiction, output_format=form) for form in ("json", "xml")}
print(
    json.dumps(
        {
            "id": request_id,
            "services": client.list_services(),
            "token": client.get_token(request_id),
            "read": client.get_request(request_id),
            "open": client.list_requests(service_code="0207", status="open", page_size=10),
            **{
                form: {
                    "services": reader.get_service_list(),
                    "definition": reader.get_service_definition("0207"),
                    "request": reader.get_service_request(request_id),
                }
                for form, reader in readers.items()
            },
        }
    )
)
