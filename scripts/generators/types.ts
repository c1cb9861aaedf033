// Dumps with the types of openapi-typescript and plain fetch: one file, with thumbnails of each type.
import type { components } from "./vod";

type DumpRequest = components["schemas"]["DumpRequest"];
const { VOD_ENDPOINT, VOD_PROJECT_ID, VOD_REGION = "", VOD_TOKEN = "" } = process.env;

async function main() {
  const thumbnails: DumpRequest["thumbnail"][] = [{ type: "time" }, { type: "dots", dots: [0, 1] }, { type: "quantity", quantity: 2 }];
  for (const thumbnail of thumbnails) {
    const request: DumpRequest = {
      video_type: "MP4",
      title: "openapi-typescript " + thumbnail?.type,
      input: { bucket: "media", location: VOD_REGION, object: "sample.mp4" },
      thumbnail,
    };
    const response = await fetch(`${VOD_ENDPOINT}/v1.0/${VOD_PROJECT_ID}/asset/reproduction`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Auth-Token": VOD_TOKEN },
      body: JSON.stringify(request),
    });
    if (response.status !== 200) throw new Error(await response.text());
    const made: components["schemas"]["DumpResponse"] = await response.json();
    console.log(thumbnail?.type, made.asset_id);
  }
}

main().catch((failure) => {
  console.error(failure);
  process.exit(1);
});
