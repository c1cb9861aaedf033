// Uploads with the official OBS SDK, then dumps, reads, lists and deletes with the official VOD SDK.
import com.huaweicloud.sdk.core.auth.BasicCredentials;
import com.huaweicloud.sdk.vod.v1.VodClient;
import com.huaweicloud.sdk.vod.v1.model.AssetInfo;
import com.huaweicloud.sdk.vod.v1.model.ConfirmAssetUploadReq;
import com.huaweicloud.sdk.vod.v1.model.ConfirmAssetUploadRequest;
import com.huaweicloud.sdk.vod.v1.model.CreateAssetByFileUploadReq;
import com.huaweicloud.sdk.vod.v1.model.CreateAssetByFileUploadRequest;
import com.huaweicloud.sdk.vod.v1.model.CreateAssetByFileUploadResponse;
import com.huaweicloud.sdk.vod.v1.model.DeleteAssetsRequest;
import com.huaweicloud.sdk.vod.v1.model.FileAddr;
import com.huaweicloud.sdk.vod.v1.model.ListAssetListRequest;
import com.huaweicloud.sdk.vod.v1.model.PublishAssetFromObsReq;
import com.huaweicloud.sdk.vod.v1.model.PublishAssetFromObsRequest;
import com.huaweicloud.sdk.vod.v1.model.ShowAssetMetaRequest;
import com.obs.services.ObsClient;
import com.obs.services.ObsConfiguration;
import com.obs.services.model.AuthTypeEnum;
import com.obs.services.model.CompleteMultipartUploadRequest;
import com.obs.services.model.InitiateMultipartUploadRequest;
import com.obs.services.model.ListObjectsRequest;
import com.obs.services.model.PartEtag;
import java.io.File;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

public class Sdk {
    static final Map<String, String> ENV = System.getenv();

    static void check(boolean holds, Object what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    static void upload(AuthTypeEnum signature) throws Exception {
        ObsConfiguration config = new ObsConfiguration();
        config.setEndPoint(ENV.get("VOD_S3_ENDPOINT"));
        config.setPathStyle(true);
        if (signature != null) {
            config.setAuthType(signature);
        }
        File sample = new File(ENV.get("VOD_SAMPLE"));
        try (ObsClient store = new ObsClient(ENV.get("VOD_S3_ACCESS_KEY"), ENV.get("VOD_S3_SECRET_KEY"), config)) {
            store.putObject("media", "java.mp4", sample);
            check(store.getObject("media", "java.mp4").getObjectContent().readAllBytes().length == sample.length(), "get");
            ListObjectsRequest list = new ListObjectsRequest("media");
            list.setPrefix("java");
            check(store.listObjects(list).getObjects().get(0).getObjectKey().equals("java.mp4"), "list");
            String id = store.initiateMultipartUpload(new InitiateMultipartUploadRequest("media", "parts.bin")).getUploadId();
            String etag = store.uploadPart("media", "parts.bin", id, 1, sample).getEtag();
            store.completeMultipartUpload(new CompleteMultipartUploadRequest("media", "parts.bin", id, new ArrayList<>(List.of(new PartEtag(etag, 1)))));
            store.deleteObject("media", "parts.bin");
        }
        System.out.println("OBS " + (signature == null ? "default" : signature));
    }

    static void dump() throws Exception {
        VodClient vod = VodClient.newBuilder()
            .withCredential(new BasicCredentials().withAk(ENV.get("VOD_ACCESS_KEY")).withSk(ENV.get("VOD_SECRET_KEY"))
                .withProjectId(ENV.get("VOD_PROJECT_ID")))
            .withEndpoint(ENV.get("VOD_ENDPOINT")).build();
        String id = vod.publishAssetFromObs(new PublishAssetFromObsRequest().withBody(new PublishAssetFromObsReq()
            .withVideoType(PublishAssetFromObsReq.VideoTypeEnum.fromValue("MP4")).withTitle("java")
            .withInput(new FileAddr().withBucket("media").withLocation(ENV.get("VOD_REGION")).withObject("java.mp4")))).getAssetId();
        published(vod, id);
        check(vod.listAssetList(new ListAssetListRequest()).getAssets().stream().anyMatch(a -> a.getAssetId().equals(id)), "list");
        check(vod.deleteAssets(new DeleteAssetsRequest().withAssetId(List.of(id))).getDeleteResultArray().get(0).getStatus().toString()
            .equals("DELETED"), "delete");
        System.out.println("VOD " + id);

        CreateAssetByFileUploadResponse created = vod.createAssetByFileUpload(new CreateAssetByFileUploadRequest().withBody(
            new CreateAssetByFileUploadReq().withTitle("java").withVideoName("java.mp4").withVideoType("MP4")));
        byte[] content = Files.readAllBytes(Path.of(ENV.get("VOD_SAMPLE")));
        HttpClient http = HttpClient.newHttpClient();
        check(http.send(HttpRequest.newBuilder(URI.create(created.getVideoUploadUrl())).header("Content-Type", "video/mp4")
            .PUT(HttpRequest.BodyPublishers.ofByteArray(content)).build(), HttpResponse.BodyHandlers.discarding()).statusCode() == 200, "PUT");
        vod.confirmAssetUpload(new ConfirmAssetUploadRequest().withBody(new ConfirmAssetUploadReq()
            .withAssetId(created.getAssetId()).withStatus(ConfirmAssetUploadReq.StatusEnum.CREATED)));
        String url = published(vod, created.getAssetId()).getBaseInfo().getVideoUrl();
        check(Arrays.equals(content, http.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofByteArray()).body()), "GET");
        System.out.println("uploaded " + created.getAssetId());
    }

    static AssetInfo published(VodClient vod, String id) throws Exception {
        AssetInfo info;
        do {
            Thread.sleep(100);
            info = vod.showAssetMeta(new ShowAssetMetaRequest().withAssetId(List.of(id))).getAssetInfoArray().get(0);
        } while (info.getStatus().toString().equals("OBS_CREATING"));
        check(info.getStatus().toString().equals("PUBLISHED"), info);
        return info;
    }

    public static void main(String[] args) throws Exception {
        for (AuthTypeEnum signature : new AuthTypeEnum[] {null, AuthTypeEnum.V2}) {
            upload(signature);
        }
        dump();
    }
}
